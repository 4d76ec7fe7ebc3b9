// One look of Lighthouse at a page, by a browser that runs already: node look.mjs URL PORT CATEGORY…
//
// Says one line of JSON: the scores from 0 to 100, what cost them, or that nothing was seen and why.

import lighthouse from "lighthouse";

const FAULT_BELOW = 0.9;

const [url, port, ...onlyCategories] = process.argv.slice(2);
const result = await lighthouse(url, { port: Number(port), logLevel: "error", onlyCategories });
const { categories = {}, audits = {}, runtimeError } = result?.lhr ?? {};
const faults = Object.values(categories).flatMap(({ auditRefs }) =>
  auditRefs
    .filter(
      ({ id, weight }) =>
        weight > 0 && typeof audits[id]?.score === "number" && audits[id].score < FAULT_BELOW,
    )
    .map(({ id }) => `${id}: ${audits[id].displayValue ?? audits[id].title}`),
);
const scores = Object.values(categories).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]);
const trouble =
  result === undefined ? "no result" : runtimeError && `${runtimeError.code}: ${runtimeError.message}`;
process.stdout.write(`${JSON.stringify({ trouble, scores, faults })}\n`, () => process.exit());
