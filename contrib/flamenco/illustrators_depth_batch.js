// SPDX-License-Identifier: GPL-3.0-or-later
//
// A Flamenco job type: a folder of flat pictures to layered scenes and products, shared out among
// the workers of the farm. Every task runs headless.py on its own share of the pictures, so a task
// that failed or was cancelled can simply be queued again: what is done is left out.
// Instructions: README.md beside this file.

const JOB_TYPE = {
    label: "Illustrator's Depth Batch",
    description: "Flat illustrations to layered scenes, prints and drawings",
    settings: [
        { key: "pictures", type: "string", required: true, subtype: "dir_path", default: "//",
          description: "Folder of pictures, or a pattern such as /shared/art/**/*.png" },
        { key: "out", type: "string", required: true, subtype: "dir_path", default: "//layered",
          description: "Output folder, on storage that all workers share" },
        { key: "tasks", type: "int32", required: true, default: 8, propargs: { min: 1, max: 999 },
          description: "Number of tasks to share the pictures out to; about two per worker" },
        { key: "build", type: "string", required: true, default: "layers,displacement",
          description: "What to build in each scene, comma-separated" },
        { key: "export_kinds", type: "string", required: true, default: "blend",
          description: "What to write: blend, glb, stl, 3mf, svg, psd, png, comma-separated" },
        { key: "preview", type: "bool", required: true, default: false,
          description: "Also render a small still of every picture" },
        { key: "preset", type: "string", required: false, subtype: "file_path", default: "",
          description: "Settings, a .toml or .json file that all workers can read" },
        { key: "jobs", type: "int32", required: true, default: 1, propargs: { min: 1, max: 64 },
          description: "Blender processes at a time on each worker", visible: "submission" },
        { key: "script", type: "string", required: true, default: "{illustrators_depth}",
          description: "Path of headless.py on the workers", visible: "submission" },
    ]
};

function compileJob(job) {
    const settings = job.settings;
    for (let index = 1; index <= settings.tasks; index++) {
        const task = author.Task("pictures-" + index + "-of-" + settings.tasks, "blender");
        task.addCommand(author.Command("exec", {
            exe: "{blender}",
            args: batchArguments(settings, index),
        }));
        job.addTask(task);
    }
}

// The command line of one share. Paths may hold Flamenco's variables.
function batchArguments(settings, index) {
    let args = [
        "-b", "--python-exit-code", "1", "--python", settings.script, "--",
        settings.pictures,
        "--out", settings.out,
        "--build", settings.build,
        "--export", settings.export_kinds,
        "--jobs", String(settings.jobs),
        "--part", index + "/" + settings.tasks,
        "--resume",
    ];
    if (settings.preview) args.push("--preview");
    if (settings.preset) args.push("--preset", settings.preset);
    return args;
}
