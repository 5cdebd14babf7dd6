import { describe, it } from 'node:test';
import { testSamplePlugin } from './test-sample-plugin.ts';

testSamplePlugin({ describe, it });
