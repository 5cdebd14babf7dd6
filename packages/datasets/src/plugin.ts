import { definePlugin } from '@farout/core';
import { cifar } from './cifar.ts';
import { features } from './features.ts';
import { imageFolder } from './image-folder.ts';
import { imageList } from './image-list.ts';
import { imagenet } from './imagenet.ts';
import { mnist } from './mnist.ts';
import { parquet } from './parquet.ts';
import { svhn } from './svhn.ts';
import { tar } from './tar.ts';
import { webdataset } from './webdataset.ts';
import { zip } from './zip.ts';

/** The built-in datasets. */
export const datasets = definePlugin({
  name: '@farout/datasets',
  datasets: [imageFolder, imageList, cifar, mnist, svhn, tar, zip, webdataset, parquet, imagenet, features],
});
