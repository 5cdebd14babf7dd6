// Before any schema is made: zod compiles schemas by `new Function` where it may. A page's policy may forbid that, and even the attempt
// would be reported as a violation.
import { config } from 'zod';

config({ jitless: true });
