/** How far float32 may take a whole network's features from equal ones, relative where they are larger than 1. */
export const networkRounding = 1e-5;
