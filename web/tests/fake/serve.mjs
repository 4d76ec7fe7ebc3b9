// `npm run fake`: starts serve.ts, which Node alone cannot read in the version this package supports.
import { runnerImport } from "vite";

await runnerImport(new URL("./serve.ts", import.meta.url).pathname);
