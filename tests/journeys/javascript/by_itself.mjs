// Verifies webhooks as the Standard Webhooks specification says, with nothing but Node's own cryptography.
// Input and output are those of with_the_library.mjs.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createInterface } from "node:readline";

const TOLERANCE = 5 * 60;

function verify({ secret, headers, body }) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const [id, at, signatures] = ["id", "timestamp", "signature"].map((name) => headers[`webhook-${name}`]);
  if (Math.abs(Date.now() / 1000 - Number(at)) > TOLERANCE) return "refused";
  const expected = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest();
  for (const [version, signature] of signatures.split(" ").map((one) => one.split(","))) {
    const sent = Buffer.from(signature, "base64");
    if (version === "v1" && sent.length === expected.length && timingSafeEqual(sent, expected)) return JSON.parse(body).type;
  }
  return "refused";
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(verify(JSON.parse(line)));
}
