import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoWeights, renderImage, type ImageSetName } from '@farout/demo';
import { encodePng } from '@farout/images';

const configs = fileURLToPath(new URL('../../../configs', import.meta.url));
const side = 64;

/** An image of the demonstration, as a PNG file. */
export const picture = (set: ImageSetName, seed: number, index: number): Buffer =>
  Buffer.from(encodePng({ width: side, height: side, data: renderImage(set, seed, index) }));

/** A fresh clone as far as experiments go: `configs/` alone, in a folder of its own, to put images and weights beside. */
export class Replica {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'farout-replica-'));

  constructor() {
    cpSync(configs, path.join(this.folder, 'configs'), { recursive: true });
  }

  path(file: string): string {
    return path.join(this.folder, file);
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  write(file: string, content: string | Uint8Array = ''): void {
    mkdirSync(path.dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), content);
  }

  /** Writes an image of the demonstration, whatever its name ends with: some of ImageNet's `.JPEG` are PNG files too. */
  paint(file: string, set: ImageSetName, seed: number, index: number): void {
    this.write(file, picture(set, seed, index));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Overrides that put the demonstration's network of twelve classes in the place of one of ImageNet's. */
export const smallNetwork = ['store=store', `backbone={demo-resnet: {weights: ${JSON.stringify(demoWeights)}}}`];
