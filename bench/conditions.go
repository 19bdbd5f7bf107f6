package bench

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// Host is the machine and the program that measure. What cannot be found out is "unknown".
type Host struct {
	CPU        string `json:"cpu"`
	Cores      int    `json:"cores"`
	System     string `json:"system"`
	Kernel     string `json:"kernel"`
	FileSystem string `json:"fileSystem"` // The type of the one that the directory is on.
	Go         string `json:"go"`
	Commit     string `json:"commit"` // With "+changes" if the source was not as committed.
}

// Conditions are what all points of a run have in common.
type Conditions struct {
	Host
	WarmUp   float64 `json:"warmUpSeconds"`
	Duration float64 `json:"durationSeconds"`
	Repeat   int     `json:"repetitions"`
}

const unknown = "unknown"

// conditionsOf finds the conditions of a run.
func conditionsOf(c Config) Conditions {
	return Conditions{
		Host:   HostOf(c.Dir),
		WarmUp: c.WarmUp.Seconds(), Duration: c.Duration.Seconds(), Repeat: c.Repeat,
	}
}

// HostOf finds out what this program runs on, and the file system that a directory is on.
func HostOf(dir string) Host {
	out := Host{
		CPU: cpuModel(read("/proc/cpuinfo")), Cores: runtime.NumCPU(),
		System: runtime.GOOS + "/" + runtime.GOARCH, Kernel: unknown, FileSystem: unknown,
		Go: runtime.Version(), Commit: unknown,
	}
	if release := strings.TrimSpace(read("/proc/sys/kernel/osrelease")); release != "" {
		out.Kernel = release
	}
	if dir, err := filepath.Abs(dir); err == nil {
		if dir, err = filepath.EvalSymlinks(dir); err == nil {
			out.FileSystem = fileSystem(read("/proc/self/mountinfo"), dir)
		}
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		out.Commit = commit(info.Settings)
	}
	return out
}

// read gives a file of the system, or nothing where there is none.
func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}

// cpuModel finds the name of the first processor in the text of /proc/cpuinfo.
func cpuModel(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return unknown
}

// fileSystem finds the type of the file system that an absolute path is on, in the text of
// /proc/self/mountinfo: that of the longest mount point above it, and of several the last.
func fileSystem(mountinfo, path string) string {
	found, longest := unknown, 0
	for line := range strings.Lines(mountinfo) {
		mount, source, ok := strings.Cut(line, " - ")
		fields, kind := strings.Fields(mount), strings.Fields(source)
		if !ok || len(fields) < 5 || len(kind) == 0 {
			continue
		}
		point := strings.TrimSuffix(strings.ReplaceAll(fields[4], `\040`, " "), "/") + "/"
		if strings.HasPrefix(path+"/", point) && len(point) >= longest {
			found, longest = kind[0], len(point)
		}
	}
	return found
}

// commit finds what the program was built from.
func commit(settings []debug.BuildSetting) string {
	revision, changes := unknown, ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changes = "+changes"
		}
	}
	return revision + changes
}
