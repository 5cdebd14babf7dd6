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

/** Where the reports of all packages stand, and what shall become of them. */
export interface ReportOptions {
  /** Holds the reports: `<name>.api.md`, the name being that of the package without its scope. */
  readonly folder: string;
  /** Gets the report as it is now, whatever becomes of the other. */
  readonly temporary: string;
  /** Whether a report that is absent or differs is replaced. */
  readonly replace: boolean;
}

/** A report after the comparison. */
export interface Comparison {
  /** The name of the report's file. */
  readonly file: string;
  /** Whether the report was absent, or not what the package exports. */
  readonly changed: boolean;
  /** The changed lines as a patch; empty where nothing changed, and where there was no report. */
  readonly patch: string;
}

/**
 * Compares what a package exports with the report of it. Read are its declarations, `dist/index.d.ts` and all that this
 * file names; the package and those it imports must be built.
 *
 * The report holds every export, and the types that exports mention without being exported themselves: whoever uses the
 * export feels a change of them too.
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
    // Without the condition @farout/source, other packages are seen through their declarations, as users see them.
    compiler: {
      overrideTsconfig: { extends: settings, compilerOptions: { customConditions: [] }, files: [declarations] },
    },
    apiReport: { enabled: true, reportFolder, reportTempFolder, includeForgottenExports: true },
    // What the extractor would rather see, such as release tags, is no matter of ours; what it cannot read is.
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      extractorMessageReporting: {
        default: { logLevel: ExtractorLogLevel.None },
        'ae-wrong-input-file-type': { logLevel: ExtractorLogLevel.Error },
      },
    },
  };
}
