{
  # npm, node-gyp, electron-rebuild and others look for this file. It compiles nothing itself: it starts the one
  # CMake build (CMakeLists.txt, through cmake-js), so there is one list of sources.
  "targets": [
    {
      "target_name": "treeline",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake_js_build",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["build/Release/treeline.node"],
          "action": ["node", "tools/build-native.mjs", "--force"]
        }
      ]
    }
  ]
}
