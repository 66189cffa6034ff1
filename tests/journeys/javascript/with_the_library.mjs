// Verifies webhooks with the official JavaScript library. Run by tests/journeys/test_webhooks.py.
// Each line of the input is {secret, headers, body}; each line of the output is the message's type, or "refused".

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { Webhook } = createRequire(process.argv[2] + "/")("standardwebhooks");

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  try {
    console.log(new Webhook(secret).verify(body, headers).type);
  } catch {
    console.log("refused");
  }
}
