// Two subgraphs beside the gateway, and the gateway's own address, which tells what
// it was asked. The argument is JSON: { jobs, invoices, teams }; the one line of output
// has the addresses.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";

const data = JSON.parse(process.argv[2]);
const listen = { host: "127.0.0.1", port: 0 };

async function serve(file, resolvers) {
  const typeDefs = parse(readFileSync(file, "utf8"));
  const schema = buildSubgraphSchema({ typeDefs, resolvers });
  const server = new ApolloServer({ schema, plugins: [ApolloServerPluginInlineTraceDisabled()] });
  return (await startStandaloneServer(server, { listen })).url;
}

function isOf({ source, jobIdentifier }) {
  return (invoice) => invoice.job.source === source && invoice.job.jobIdentifier === jobIdentifier;
}

const billing = await serve("billing.graphql", {
  Query: { invoices: () => data.invoices },
  Invoice: { __resolveReference: ({ number }) => data.invoices.find((found) => found.number === number) },
  Job: { invoice: (job) => data.invoices.find(isOf(job)) },
});

const teams = await serve("teams.graphql", {
  Query: { teams: () => data.teams },
  Team: { members: ({ members }) => ({ nodes: members, pageInfo: { hasNextPage: false, hasPreviousPage: false } }) },
  User: { team: ({ id }) => data.teams.find(({ members }) => members.some((member) => member.id === id)) },
  Model: { licence: ({ identifier, version }) => `licence of ${identifier} ${version}` },
});

const asked = [];
const recorder = createServer(async (request, response) => {
  if (request.method === "GET") {
    response.end(JSON.stringify(asked.splice(0)));
    return;
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  asked.push(JSON.parse(body));
  const { host, connection, "content-length": length, ...headers } = request.headers;
  const answer = await fetch(data.jobs, { method: "POST", headers, body });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") });
  response.end(await answer.text());
});
recorder.listen(listen, () => {
  const jobs = `http://127.0.0.1:${recorder.address().port}/graphql`;
  console.log(JSON.stringify({ billing, teams, jobs }));
});
