export { tarEntries, type TarBytes, type TarEntry, type TarKind } from './tar.ts';
export { leadsOut, openZip, type LocalHeader, type Zip, type ZipBytes, type ZipEntry } from './zip.ts';
