/*
 * From version 1.29, the published builds of onnxruntime for Linux and macOS report opened models to Microsoft (names, hashes, devices) and keep
 * a machine identifier in the user's cache folder. Users of farout have not agreed to that, so it is off unless their environment sets the
 * variable. The library reads the variable when it is loaded, so every module that imports onnxruntime must import this file first.
 *
 * Source: onnxruntime, pull request 27379.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
