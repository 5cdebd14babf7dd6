// Must run before any schema is made: zod compiles schemas with `new Function` if it can. The policy of a page may forbid that, and even the
// attempt would be reported as a violation.
import { config } from 'zod';

config({ jitless: true });
