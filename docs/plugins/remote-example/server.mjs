// A plugin of a Jishi shop that runs elsewhere: it objects to large orders and hears of paid ones.
// SECRET=whsec_… PORT=8700 node server.mjs

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secret = process.env.SECRET ?? "";
const key = secret.startsWith("whsec_")
  ? Buffer.from(secret.slice("whsec_".length), "base64")
  : Buffer.from(secret);
if (key.length < 16) throw new Error("SECRET has fewer than 16 bytes");

const TOLERANCE = 5 * 60; // seconds that two clocks may differ; an older message is a repeated one
const MOST = 10; // pieces of one thing in one order
const heard = new Set(); // ids of events that were dealt with; a real one keeps them in its database

function isGenuine(headers, body) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  if (!id || !(Math.abs(Date.now() / 1000 - Number(timestamp)) < TOLERANCE)) return false;
  const right = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  return (headers["webhook-signature"] ?? "").split(" ").some((each) => {
    const [version, text] = each.split(",");
    const given = Buffer.from(text ?? "", "base64");
    return version === "v1" && given.length === right.length && timingSafeEqual(given, right);
  });
}

const answers = {
  review_checkout({ draft }) {
    const objections = draft.quote.lines
      .filter((line) => line.quantity > MOST)
      .map((line) => ({
        code: "too_many",
        message: `${line.title}: at most ${MOST} pieces in one order.`,
        sku: line.sku,
      }));
    return { objections };
  },
  order_paid({ order }, id) {
    if (heard.has(id)) return {}; // the shop tells until it is answered, so twice is normal
    heard.add(id);
    console.log(`paid ${order.number} ${order.total}`);
    return {};
  },
};

function answer(response, status, content) {
  const body = JSON.stringify(content);
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}

const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  if (!isGenuine(request.headers, body)) return answer(response, 401, { error: "signature" });
  const { type, data } = JSON.parse(body);
  if (!(type in answers)) return answer(response, 404, { error: `nobody answers ${type}` });
  return answer(response, 200, answers[type](data, request.headers["webhook-id"]));
});

server.listen(Number(process.env.PORT ?? 8700), "127.0.0.1", () => {
  console.log(`listening ${server.address().port}`);
});
