import { testSamplePlugin } from './test-sample-plugin.ts';

testSamplePlugin();
