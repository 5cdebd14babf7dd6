/*
 * The published builds of onnxruntime for Linux and macOS, from 1.29 on, report to Microsoft which models are opened (names,
 * hashes, devices) and keep an identifier of the machine in the user's cache folder. Whoever runs an experiment has not asked
 * for that, so it is off, unless the user's own environment says otherwise. The library reads the variable when it is loaded:
 * whatever imports onnxruntime imports this file first.
 *
 * Source: onnxruntime, pull request 27379.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
