import type { Translation } from "./translation.ts";

/** The store: its database, its disk, what it takes and what an export holds. */
export const storageTranslations: readonly Translation[] = [
  ["the storage is closed", "存储已关闭"],
  [
    "{path} contains NUL or a lone surrogate; allowed: well-formed text without NUL",
    "{path} 含有 NUL 或残缺的代理对；允许：不含 NUL 的正常文字",
  ],
  ["none found; allowed: at least one", "没有；至少需要一个"],
  // An export.
  ["study export", "研究导出文件"],
  [
    '{found} is no number; allowed: a finite number, "NaN", "Infinity" or "-Infinity"',
    '{found} 不是数；允许：有限的数、"NaN"、"Infinity" 或 "-Infinity"',
  ],
  ["{found} cannot be written as JSON", "{found} 无法写成 JSON"],
  [
    "format {format}, version {version} found; allowed: {allowedFormat}, {allowedVersion}",
    "格式为 {format}，版本为 {version}；允许：{allowedFormat}、{allowedVersion}",
  ],
  ["no study record found", "没有研究的记录"],
  ["no trial with a known state found", "没有状态已知的试验"],
  ["no list found", "没有列表"],
  ["trial {found} found; allowed: {allowed}", "试验 {found}；允许：{allowed}"],
  // The database.
  ["{path} cannot be used: {reason!}", "无法使用 {path}：{reason!}"],
  ["{reason!} ({detail})", "{reason!}（{detail}）"],
  ["it is a database of another program", "这是另一个程序的数据库"],
  [
    "its schema is version {found#}, this program knows up to {newest#}: use a newer version of tunesmith",
    "其结构版本为 {found#}，此程序只支持到 {newest#}：请使用更新版本的 tunesmith",
  ],
  ["its schema version {version#} was made by a different program than this one", "其结构版本 {version#} 由另一个程序建立"],
  ["another process has been using it for too long", "另一个进程占用它太久"],
  ["it is read-only", "它是只读的"],
  ["the disk reports an error", "磁盘报告错误"],
  ["it is corrupt; restore a backup", "它已损坏；请恢复备份"],
  ["the disk is full", "磁盘已满"],
  ["it cannot be opened", "无法打开"],
  ["it is not a database", "它不是数据库"],
  ["the disk quota is used up", "磁盘配额已用完"],
  ["the disk is read-only", "磁盘是只读的"],
  ["SQLite cannot be loaded on {platform}: {reason}", "无法在 {platform} 上加载 SQLite：{reason}"],
  [
    "SQLite is {found}; at least {oldest} is needed: earlier ones can corrupt the database",
    "SQLite 版本为 {found}；至少需要 {oldest}：更早的版本可能损坏数据库",
  ],
  [
    "{path} cannot be used safely: {name} is {found}, {needed} is needed",
    "无法安全使用 {path}：{name} 为 {found}，需要 {needed}",
  ],
  ["the database was upgraded; a copy from before is {path}", "数据库已升级；升级前的副本是 {path}"],
  [
    "the study's definition has version {found}; this Tunesmith reads version {version#}",
    "研究定义的版本为 {found}；此 Tunesmith 只读版本 {version#}",
  ],
  // Its folder.
  [
    "the disk of {folder} is full: space kept for this was given back, so that what runs can be recorded",
    "{folder} 所在磁盘已满：已释放预留的空间，以便记录正在运行的试验",
  ],
  ["{folder} takes no new trials: the disk is full; {needed!}", "{folder} 不再接受新试验：磁盘已满；{needed!}"],
  ["{count#} MiB must be free", "需要 {count#} MiB 可用空间"],
  [
    "the disk of {folder} is full: what is stored can be read, nothing new can be recorded",
    "{folder} 所在磁盘已满：已存储的可以读取，无法记录新内容",
  ],
  [
    "{folder} is on a network file system ({name}): no other process can use it meanwhile",
    "{folder} 在网络文件系统上（{name}）：期间其他进程不能使用它",
  ],
  [
    "{path} is damaged and is only read: {reason}; restore a copy of it, or export its studies into a new one",
    "{path} 已损坏，只能读取：{reason}；请恢复副本，或把其中的研究导出到新的存储",
  ],
  [
    'the study id {id} cannot be a folder; allowed: letters, digits, "_" and "-"',
    '研究 id {id} 不能作为文件夹名；允许：字母、数字、"_" 和 "-"',
  ],
  ["there is no {folder} to make folders in", "没有可以建立文件夹的 {folder}"],
  ['{path} is missing: run "npm run build"', '缺少 {path}：请运行 "npm run build"'],
];
