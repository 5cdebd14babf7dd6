/** How the user calls this program: what started it says so where that is not `oodkit`. */
export const invocation: string = process.env.OODKIT_INVOCATION ?? 'oodkit';
