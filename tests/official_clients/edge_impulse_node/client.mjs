/** Answer lines of JSON with what edge-impulse-api holds after the call each names. */

import { createInterface } from "node:readline";

import sdk from "edge-impulse-api";

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}

/** Make one call with a client of its own. */
async function answer({ address, method, key, call, arguments: given }) {
  try {
    const api = new sdk.EdgeImpulseApi({ endpoint: address });
    await api.authenticate({ method, [method]: key });
    return { value: mark(await api.jobs[call](...given.map(toArgument))) };
  } catch (error) {
    return { error: { class: error.constructor.name, text: error.message } };
  }
}

/** Give dates as the instants the client asks for. */
function toArgument(value) {
  if (typeof value !== "object") return value;
  const dates = ["startDate", "endDate"].filter((name) => name in value);
  return { ...value, ...Object.fromEntries(dates.map((name) => [name, new Date(value[name])])) };
}

/** Mark instants, so that they are not taken for texts. */
function mark(value) {
  if (value instanceof Date) return { instant: value.toISOString() };
  if (Array.isArray(value)) return value.map(mark);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mark(inner)]));
}
