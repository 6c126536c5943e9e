// The same, as CommonJS: Node >= 20.19 can require() an ES module.
const { StandardScaler, simdInfo } = require("treeline");

new StandardScaler()
  .fitTransform([
    [1, 2],
    [3, 6],
  ])
  .then((Z) => {
    if (Z.at(0, 0) !== -1 || Z.at(1, 1) !== 1) throw new Error("wrong");
    console.log(`ok ${process.version} ${simdInfo().active}`);
  });
