import { mergeConfig } from "vitest/config";
import config from "../../vitest.config.ts";

/** The project's own configuration, for the tests that `run.ts` chose. */
const limited = mergeConfig(config, {});
limited.test = { ...limited.test, include: process.env.MUTATION_TESTS?.split(",") ?? [] };
export default limited;
