/** For example linux-x64 or linux-arm64-musl: the name of this platform's prebuilt binary (as src/native/load.ts). */
export function platformTag() {
  return `${process.platform}-${process.arch}${isMusl() ? "-musl" : ""}`;
}

function isMusl() {
  if (process.platform !== "linux") return false;
  const report = process.report;
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  const { glibcVersionRuntime } = report.getReport().header;
  report.excludeNetwork = before;
  return glibcVersionRuntime === undefined;
}
