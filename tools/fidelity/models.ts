import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseNpy } from '@farout/checkpoints';

/** A network of the reference data and the experiment that runs it. */
export interface Model {
  readonly name: 'mobilenet-v2' | 'resnet50';
  readonly weights: string;
  readonly mean: [number, number, number];
  readonly std: [number, number, number];
  /** The experiment, relative to the repository. */
  readonly experiment: string;
  /** The columns of the reference, by detector name in the experiment. */
  readonly columns: Readonly<Record<string, string>>;
}

const baselines = {
  MSP: 'msp',
  MaxLogit: 'max-logit',
  Energy: 'energy',
  ReAct: 'react-p90+energy',
  'ReAct + MSP': 'react-p90+msp',
};

export const models: readonly Model[] = [
  {
    name: 'mobilenet-v2',
    weights: 'mobilenet_v2-coral.pth',
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    experiment: 'tools/fidelity/photographs-mobilenet-v2.yaml',
    columns: { ...baselines, 'ReAct c=1.3': 'react-c1.3+energy' },
  },
  {
    name: 'resnet50',
    weights: 'resnet50-ktb.pth',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    experiment: 'tools/fidelity/photographs-resnet50.yaml',
    columns: { ...baselines, 'ReAct c=1.0': 'react-c1.0+energy' },
  },
];

/** The reference results of one method on one OOD set. */
export interface ReferenceMetrics {
  readonly react_code: {
    readonly FPR: number;
    readonly AUROC: number;
    readonly DTERR: number;
    readonly AUIN: number;
    readonly AUOUT: number;
  };
  readonly sklearn: {
    readonly auroc: number;
    readonly average_precision_id_positive: number;
    readonly average_precision_ood_positive: number;
    readonly fpr_at_tpr95_ood_positive: number;
  };
}

/** The reference's metrics.json. */
export interface Reference {
  readonly top1: number;
  readonly percentiles: Readonly<Record<string, number>>;
  readonly odin: { readonly magnitude: number; readonly magnitude_with_react: number };
  readonly metrics: Readonly<Record<string, Readonly<Record<string, ReferenceMetrics>>>>;
}

export const reference = (data: string, model: Model): Reference =>
  JSON.parse(readFileSync(path.join(data, 'golden', model.name, 'metrics.json'), 'utf8')) as Reference;

/** A .npy of the reference, as float32. */
export const referenceArray = (data: string, model: Model, file: string): Float32Array =>
  parseNpy(readFileSync(path.join(data, 'golden', model.name, file))).data as Float32Array;

/** The rows of the reference's scores.csv, by column. */
export function referenceScores(data: string, model: Model): Record<string, string>[] {
  const [header, ...lines] = readFileSync(path.join(data, 'golden', model.name, 'scores.csv'), 'utf8')
    .trim()
    .split(/\r?\n/);
  const names = header!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i]!, value])));
}
