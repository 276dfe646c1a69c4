"""The invented people, models, functions and categories of generated jobs."""

import unicodedata
from dataclasses import dataclass

from gateway.records import ModelRecord, UserRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A log-normal distribution of run times."""

    median_s: float
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeModel:
    """A model of Modzy, and its run time per input."""

    model: ModelRecord
    work: Work
    is_image: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A job category of Edge Impulse."""

    name: str
    key: str
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function of sharedcloud; `{n}` in its arguments becomes a number."""

    model: ModelRecord
    arguments: str
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeTenant:
    """An account, with the users, projects and API keys its jobs come from.

    Attributes:
        share: Its fraction of all jobs.
        mix: Weights of Modzy, Edge Impulse and sharedcloud.
    """

    account: str
    share: float
    mix: tuple[int, int, int]
    users: tuple[UserRecord, ...]
    projects: tuple[int, ...]
    keys: tuple[str, ...]


def make_users(first: int, people: str) -> tuple[UserRecord, ...]:
    """Parse lines of `First Last, title` to users, numbered from `first` on."""
    users = []
    for number, line in enumerate(people.strip().splitlines(), first):
        name, title = line.strip().split(", ")
        first_name, last_name = name.split(" ")
        plain = unicodedata.normalize("NFKD", f"{first_name}.{last_name}".lower())
        local_part = plain.encode("ascii", "ignore").decode()
        user = UserRecord(
            identifier=str(number),
            external_identifier=local_part,
            first_name=first_name,
            last_name=last_name,
            email=f"{local_part}@example.com",
            status="active",
            title=title,
        )
        users.append(user)
    return tuple(users)


def make_model(
    identifier: str, version: str, name: str, work: Work, *, is_image: bool = False
) -> MadeModel:
    """Make a model of Modzy."""
    model = ModelRecord(identifier=identifier, version=version, name=name)
    return MadeModel(model=model, work=work, is_image=is_image)


def make_function(name: str, arguments: str, work: Work) -> Function:
    """Make a function of sharedcloud, which its name identifies."""
    model = ModelRecord(identifier=name, name=name)
    return Function(model=model, arguments=arguments, work=work)


BRISK = Work(median_s=0.9, spread=0.6)
STEADY = Work(median_s=4, spread=0.8)
HEAVY = Work(median_s=25, spread=1.0)

MODELS = (
    make_model("ed542963de", "1.0.1", "Sentiment Analysis", BRISK),
    make_model("ed542963de", "1.1.0", "Sentiment Analysis", BRISK),
    make_model("a92fc413b5", "0.0.12", "Named Entity Recognition", BRISK),
    make_model("c60c8dbd79", "1.0.4", "Text Summarization", STEADY),
    make_model("2f0b6f3a91", "2.3.0", "Language Identification", BRISK),
    make_model("f8e3c1d704", "0.4.2", "Document Classification", STEADY),
    make_model("7b1d5a20ce", "1.2.0", "Speech Transcription", HEAVY),
    make_model("d19e4f8c36", "3.0.1", "Object Detection", STEADY, is_image=True),
    make_model("d19e4f8c36", "3.1.0", "Object Detection", STEADY, is_image=True),
    make_model("5c07a2b9f1", "1.0.0", "Image Classification", BRISK, is_image=True),
    make_model("8ad6e13f42", "0.9.3", "Aerial Ship Detection", HEAVY, is_image=True),
    make_model("31c9f7e05b", "2.0.2", "Face Blurring", STEADY, is_image=True),
)
CATEGORIES = (
    Category(name="Training model", key="train", work=Work(median_s=540, spread=0.9)),
    Category(
        name="Generating features", key="features", work=Work(median_s=75, spread=0.8)
    ),
    Category(name="Deploying", key="deploy", work=Work(median_s=110, spread=0.5)),
    Category(
        name="Classifying test data", key="classify", work=Work(median_s=45, spread=0.7)
    ),
    Category(name="Profiling model", key="profile", work=Work(median_s=30, spread=0.5)),
    Category(name="Exporting data", key="export", work=Work(median_s=20, spread=0.9)),
    Category(
        name="Tuning hyperparameters", key="tune", work=Work(median_s=5400, spread=0.6)
    ),
)
FUNCTIONS = (
    make_function("mnist", "({n}, 0.2, 10, 2)", Work(median_s=95, spread=0.7)),
    make_function(
        "render_frame", "('scene.blend', {n})", Work(median_s=38, spread=0.5)
    ),
    make_function("monte_carlo_pi", "({n}000,)", Work(median_s=12, spread=0.9)),
    make_function("word2vec", "('corpus.txt', {n})", Work(median_s=240, spread=0.8)),
    make_function("resize_images", "('s3', {n}, 640)", Work(median_s=21, spread=0.6)),
)
TENANTS = (
    MadeTenant(
        account="acme",
        share=0.65,
        mix=(55, 30, 15),
        users=make_users(
            1001,
            """
            Ada Byron, Data Scientist
            Grace Murray, Platform Engineer
            Zoë Laurent, Machine Learning Engineer
            José Herrera, Analyst
            Priya Raman, Data Scientist
            Tomáš Novák, Embedded Engineer
            Mei Tanaka, Research Lead
            Samuel Okoro, Support Engineer
            Ingrid Solberg, Data Engineer
            """,
        ),
        projects=(48210, 48377, 51902),
        keys=("m4Kq8ZtYw2", "rT0vXc71Bn", "ci-Pipeline"),
    ),
    MadeTenant(
        account="globex",
        share=0.35,
        mix=(35, 25, 40),
        users=make_users(
            2001,
            """
            Hank Lindqvist, Head of Analytics
            Łucja Wójcik, Data Scientist
            Daniel Abebe, Computer Vision Engineer
            Nora Haddad, Analyst
            Oliver Petit, Platform Engineer
            """,
        ),
        projects=(60014, 60133),
        keys=("q9LsD3fHjK", "batch-Nightly"),
    ),
)
