package regconf

import "strings"

// Outline is what a plan does, without secrets.
type Outline struct {
	// Changes are the files that change, in the order in which they are written.
	Changes []OutlineChange `json:"changes"`
	// Activations are the engines that must be told.
	Activations []Activation `json:"activations"`
	// Notes are what there is to know.
	Notes []Note `json:"notes"`
}

// OutlineChange is a file that changes.
type OutlineChange struct {
	// Path is that of the file.
	Path string `json:"path"`
	// Change is create, change or delete.
	Change string `json:"change"`
	// Diff is a unified diff; values of secret keys are left out.
	Diff string `json:"diff"`
}

// Activation is an engine that must be told of its new files.
type Activation struct {
	// Unit is the unit, or with the manager process the program.
	Unit string `json:"unit"`
	// Action is reload or restart.
	Action string `json:"action"`
	// Manager is who does it: systemd, openrc, sysv or process.
	Manager string `json:"manager"`
}

// Note is something that there is to know.
type Note struct {
	// Engine is the one that it is about, or node.
	Engine string `json:"engine"`
	// Host is the registry host that it is about; empty if it is about none.
	Host string `json:"host"`
	// Text is the note.
	Text string `json:"text"`
}

// Diff is the changes of all files as one unified diff.
func (o *Outline) Diff() string {
	var all strings.Builder
	for _, change := range o.Changes {
		all.WriteString(change.Diff)
	}
	return all.String()
}
