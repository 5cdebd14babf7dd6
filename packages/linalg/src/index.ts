/**
 * Linear algebra in float64 over typed arrays: moments, Cholesky, symmetric eigenvectors, pseudo-inverses.
 *
 * @packageDocumentation
 */

export { cholesky, type Cholesky } from './cholesky.ts';
export { symmetricEigen, type Eigen } from './eigen.ts';
export { leadingEigenpairs, type LeadingPairs, type Wanted } from './leading.ts';
export { LinalgError, type DenseMatrix, type Matrix } from './matrix.ts';
export { ClassMoments, Moments, secondMoment, type MomentsOfClasses, type MomentsOfRows } from './moments.ts';
export { classMomentsOf, momentsOf, type LabelledBlock, type RowBlock } from './streams.ts';
export { gramEigen, pseudoInverse, type PseudoInverse } from './pseudo-inverse.ts';
