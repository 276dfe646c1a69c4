/** The queries that a first visit finds in tabs; a test checks them against the schema. */

import jobWithLogs from "./examples/job-with-logs.graphql?raw";
import jobsByStatusAndModel from "./examples/jobs-by-status-and-model.graphql?raw";
import recentJobs from "./examples/recent-jobs.graphql?raw";
import usageLast30Days from "./examples/usage-last-30-days.graphql?raw";

import type { Defaults } from "./defaults";

export interface Tab {
  query: string;
  variables: string;
}

const DAY_MS = 86_400_000;

export function toTabs(defaults: Defaults, now: Date): Tab[] {
  return [
    toTab(recentJobs, { first: 20, after: null }),
    toTab(usageLast30Days, toWindow(now, 30)),
    toTab(jobWithLogs, { jobIdentifier: defaults.jobIdentifier ?? "a jobIdentifier" }),
    toTab(jobsByStatusAndModel, { filter: toFilter(defaults.modelIdentifier) }),
  ];
}

function toTab(query: string, variables: object): Tab {
  return { query, variables: JSON.stringify(variables, null, 2) };
}

function toWindow(now: Date, days: number): { startDate: string; endDate: string } {
  const start = new Date(now.getTime() - days * DAY_MS);
  return { startDate: start.toISOString(), endDate: now.toISOString() };
}

function toFilter(modelIdentifier: string | null): object {
  const status = ["FAILED", "TIMEDOUT"];
  return modelIdentifier === null
    ? { status }
    : { status, model: { identifier: [modelIdentifier] } };
}
