import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
  type IConfigFile,
} from '@microsoft/api-extractor';

const settings = fileURLToPath(new URL('../../tsconfig.base.json', import.meta.url));

/** The folder of the reports of all packages, and whether to update them. */
export interface ReportOptions {
  /** The folder of the reports: `<name>.api.md`, named by the package without its scope. */
  readonly folder: string;
  /** The folder for the current report, which is always written. */
  readonly temporary: string;
  /** Whether to replace a report that is missing or differs. */
  readonly replace: boolean;
}

/** A report after the comparison. */
export interface Comparison {
  /** The file name of the report. */
  readonly file: string;
  /** Whether the report was missing or differed from the exports. */
  readonly changed: boolean;
  /** The changed lines as a patch; empty if nothing changed or there was no report. */
  readonly patch: string;
}

/**
 * Compares the exports of a package with its report. Reads its declarations, `dist/index.d.ts` and the files it refers to; the package and its
 * dependencies must be built.
 *
 * The report includes every export, and unexported types that exports mention, because changing these affects users too.
 *
 * @throws Error if the declarations cannot be read.
 */
export function compareReport(packageFolder: string, { folder, temporary, replace }: ReportOptions): Comparison {
  const config = ExtractorConfig.prepare({
    configObject: configOf(packageFolder, folder, temporary),
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(packageFolder, 'package.json'),
  });
  let patch = '';
  const messageCallback = (message: ExtractorMessage) => {
    message.handled = true;
    if (message.logLevel === ExtractorLogLevel.Error) throw new Error(message.formatMessageWithLocation(packageFolder));
    if (message.messageId === 'console-api-report-diff') patch = message.text.slice(message.text.indexOf('@@'));
  };
  const options = { localBuild: replace, printApiReportDiff: true, messageCallback };
  const { apiReportChanged } = Extractor.invoke(config, options);
  return { file: config.reportConfigs[0]!.fileName, changed: apiReportChanged, patch };
}

function configOf(packageFolder: string, reportFolder: string, reportTempFolder: string): IConfigFile {
  const declarations = path.join(packageFolder, 'dist', 'index.d.ts');
  return {
    projectFolder: packageFolder,
    mainEntryPointFilePath: declarations,
    newlineKind: 'lf',
    // Without the condition @farout/source, other packages resolve to their declarations, as for users.
    compiler: {
      overrideTsconfig: { extends: settings, compilerOptions: { customConditions: [] }, files: [declarations] },
    },
    apiReport: { enabled: true, reportFolder, reportTempFolder, includeForgottenExports: true },
    // Ignores style complaints of the extractor, such as missing release tags, but not read errors.
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      extractorMessageReporting: {
        default: { logLevel: ExtractorLogLevel.None },
        'ae-wrong-input-file-type': { logLevel: ExtractorLogLevel.Error },
      },
    },
  };
}
