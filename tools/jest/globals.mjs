// `@jest/globals`, for tests that run outside a realm of Jest's.
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } = globalThis;
