/** How the user calls this program: what started it says so where that is not `farout`. */
export const invocation: string = process.env.FAROUT_INVOCATION ?? 'farout';
