// `@jest/globals` for tests that run outside a Jest realm.
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } = globalThis;
