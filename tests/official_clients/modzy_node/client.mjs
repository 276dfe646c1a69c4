/** Answer lines of JSON with what @modzy/modzy-sdk holds after the call each names. */

import { createInterface } from "node:readline";

import sdk from "@modzy/modzy-sdk";

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}

/** Make one call with a client of its own. */
async function answer({ address, key, call, arguments: given }) {
  try {
    const client = new sdk.ModzyClient(address, key);
    return { value: await client[call](...given) };
  } catch (error) {
    return { error: { class: error.constructor.name, code: error.code, text: error.message } };
  }
}
