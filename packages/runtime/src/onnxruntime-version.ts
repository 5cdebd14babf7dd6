import './without-telemetry.ts';
import { env } from '#onnxruntime';

/** The version of onnxruntime that computes here; part of the store's keys and of every result. */
export const onnxruntimeVersion: string = env.versions.node ?? env.versions.common;
