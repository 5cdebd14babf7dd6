import type { Description } from '@farout/deploy';
import { problemType, problems } from './problems.ts';

const text = { type: 'string' } as const;
const number = { type: 'number' } as const;
const share = { type: 'number', minimum: 0, maximum: 1 } as const;
const schema = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const list = (items: object) => ({ type: 'array', items });
const content = (type: string, of: object) => ({ content: { [type]: { schema: of } } });

/** A float32, or in words what JSON has no number for. */
const float = { oneOf: [number, { enum: ['Infinity', '-Infinity', 'NaN'] }] };

const verdict = {
  type: 'object',
  required: ['score', 'isInDistribution', 'class', 'probability', 'lower', 'p'],
  properties: {
    score: { ...float, description: 'Higher is more in-distribution.' },
    isInDistribution: { type: 'boolean', description: 'Whether the score exceeds the threshold.' },
    class: { type: 'integer', description: 'The class that the network predicts for the image.' },
    label: { ...text, description: 'The name of the class.' },
    probability: { ...float, description: 'The probability that the network gives this class; not a guarantee.' },
    lower: { ...share, description: 'The share of ID images that score lower.' },
    p: { ...share, description: 'The conformal p value.' },
  },
};

const problem = {
  type: 'object',
  description: 'RFC 9457, with a stable code; "error" repeats the detail, for KServe clients.',
  required: ['type', 'title', 'status', 'detail', 'code', 'error'],
  properties: {
    ...{ type: text, title: text, status: { type: 'integer' }, detail: text, error: text },
    code: { enum: Object.keys(problems) },
  },
};

const tensor = {
  type: 'object',
  required: ['name', 'datatype', 'shape', 'data'],
  properties: { name: text, datatype: text, shape: list({ type: 'integer' }), data: list({}) },
};
const tensorMetadata = {
  type: 'object',
  required: ['name', 'datatype', 'shape'],
  properties: { name: text, datatype: text, shape: list({ type: 'integer' }) },
};

const schemas = {
  verdict,
  problem,
  results: {
    type: 'object',
    required: ['results'],
    properties: {
      results: list({
        type: 'object',
        properties: { name: { ...text, description: 'The name of the file in the form.' } },
        anyOf: [
          schema('verdict'),
          { type: 'object', required: ['problem'], properties: { problem: schema('problem') } },
        ],
      }),
    },
  },
  form: { type: 'object', additionalProperties: list({ ...text, contentMediaType: 'application/octet-stream' }) },
  serverMetadata: {
    type: 'object',
    required: ['name', 'version', 'extensions'],
    properties: { name: text, version: text, extensions: list(text) },
  },
  modelMetadata: {
    type: 'object',
    required: ['name', 'platform', 'inputs', 'outputs'],
    properties: {
      ...{ name: text, versions: list(text), platform: text },
      ...{ inputs: list(schema('tensorMetadata')), outputs: list(schema('tensorMetadata')) },
    },
  },
  tensorMetadata,
  tensor,
  inferenceRequest: {
    type: 'object',
    required: ['inputs'],
    properties: {
      id: text,
      inputs: { ...list(schema('tensor')), minItems: 1, maxItems: 1 },
      outputs: list({ type: 'object', required: ['name'], properties: { name: text } }),
    },
  },
  inferenceResponse: {
    type: 'object',
    required: ['model_name', 'outputs'],
    properties: { model_name: text, model_version: text, id: text, outputs: list(schema('tensor')) },
  },
};

const failed = { description: 'Refused; the code says why.', ...content(problemType, schema('problem')) };
const answers = (description: string, of: object, type = 'application/json') => ({
  200: { description, ...content(type, of) },
  default: failed,
});
const get = (summary: string, of: object, type?: string) => ({
  get: { summary, responses: answers('So it is.', of, type) },
});

const image = { ...text, contentMediaType: 'image/*' };
const score = {
  post: {
    summary: 'Scores an image, or the images of a form',
    requestBody: {
      required: true,
      content: {
        'image/*': { schema: image },
        'application/octet-stream': { schema: image },
        'multipart/form-data': { schema: schema('form') },
      },
    },
    responses: answers('The verdict; for a form, a list in the order of its files.', {
      oneOf: [schema('verdict'), schema('results')],
    }),
  },
};

const infer = {
  post: {
    summary: 'Infers, as KServe calls it: scores images',
    requestBody: { required: true, ...content('application/json', schema('inferenceRequest')) },
    responses: answers('One value of each output per image.', schema('inferenceResponse')),
  },
};

/** The paths of a model, with a version in them or without. */
function ofModel(path: string, names: readonly string[]): object {
  const parameters = names.map((name) => ({ name, in: 'path', required: true, schema: text }));
  return {
    [path]: { parameters, ...get('Inputs and outputs of the model', schema('modelMetadata')) },
    [`${path}/ready`]: { parameters, ...get('Whether the model is ready for images', { type: 'object' }) },
    [`${path}/infer`]: { parameters, ...infer },
  };
}

/** The service described in OpenAPI 3.1. */
export function openapi({ detector }: Pick<Description, 'detector'>): object {
  const state = { type: 'object' };
  return {
    openapi: '3.1.0',
    info: {
      title: 'farout serve',
      version: '1',
      description: `Classifies images as in- or out-of-distribution with the detector ${detector}.`,
    },
    paths: {
      '/score': score,
      '/healthz': get('Whether the process answers', state),
      '/readyz': get('Whether it is ready for images', state),
      '/metrics': get("Numbers in Prometheus' text format", text, 'text/plain'),
      '/openapi.json': get('This document', state),
      '/v2': get('The server', schema('serverMetadata')),
      '/v2/health/live': get('Whether the process answers', state),
      '/v2/health/ready': get('Whether it is ready for images', state),
      ...ofModel('/v2/models/{name}', ['name']),
      ...ofModel('/v2/models/{name}/versions/{version}', ['name', 'version']),
    },
    components: { schemas },
  };
}
