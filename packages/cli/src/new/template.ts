/** The address of a file of `templates/`, which lies beside `src` as well as beside `dist`. */
export const template = (file: string): URL => new URL(`../../templates/${file}`, import.meta.url);
