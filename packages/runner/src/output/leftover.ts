const uuid = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}';
const leftover = new RegExp(`^(.*)\\.${uuid}\\.(tmp|old)$`, 's');

/**
 * What the name of something beside a run folder says: `<folder>.<uuid>.tmp` is a run that is being written, `.old` one that is
 * being replaced; undefined for any other name. A process that is killed leaves them there.
 */
export function leftoverOf(name: string): { readonly folder: string; readonly kind: 'tmp' | 'old' } | undefined {
  const [, folder, kind] = leftover.exec(name) ?? [];
  return folder === undefined ? undefined : { folder, kind: kind as 'tmp' | 'old' };
}
