// Stands for a training: prints one loss, smallest at lr = 0.003, width = 64.
const args = Object.fromEntries(process.argv.slice(2).map((arg) => arg.replace("--", "").split("=")));
const loss = Math.log10(Number(args.lr) / 0.003) ** 2 + Math.log2(Number(args.width) / 64) ** 2 / 10;
console.log(`loss=${loss}`);
