package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"blindcopy/store"
)

// version is set by the linker of a release build.
var version = "dev"

// versionReport is what `version --json` prints.
type versionReport struct {
	Version string `json:"version"`
	Schema  int    `json:"schema"`
	Go      string `json:"go"`
	Commit  string `json:"commit"` // empty where the build does not know
}

// versionCommand is `blindcopy version`.
func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version and the schema number of its databases",
		Example: "  blindcopy version --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			r := versionReport{Version: version, Schema: store.SchemaVersion(), Go: runtime.Version(), Commit: commit()}
			return a.show(r, func(s *screen) {
				s.linef("blindcopy %s (schema %d, %s%s)", r.Version, r.Schema, r.Go, suffix(", commit ", r.Commit))
			})
		},
	}
}

// commit is the revision the program was built from.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value[:min(len(setting.Value), 12)]
		}
	}
	return ""
}

// suffix is text behind its lead-in, nothing for no text.
func suffix(lead, text string) string {
	if text == "" {
		return ""
	}
	return lead + text
}
