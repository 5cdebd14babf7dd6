import { hostilePickles } from './hostile-pickles.ts';
import { hostileSafetensors } from './hostile-safetensors.ts';
import { hostileZips } from './hostile-zips.ts';

/** A file that no reader may believe. */
export interface HostileFile {
  readonly title: string;
  readonly bytes: Uint8Array;
  /** What its refusal says. */
  readonly message: RegExp;
}

/** All of them. The marker is the path of a file that appears when code in one of them runs. */
export const hostileFiles = (marker: string): HostileFile[] => [
  ...hostilePickles(marker),
  ...hostileZips(),
  ...hostileSafetensors(),
  { title: 'nothing in it', bytes: new Uint8Array(0), message: /it is empty/ },
  { title: 'a page of the web', bytes: Buffer.from('<!DOCTYPE html>'), message: /it is a web page/ },
  {
    title: 'a pickle of something else',
    bytes: Buffer.from('\x80\x02K\x01.K\x02.', 'latin1'),
    message: /not one that/,
  },
];
