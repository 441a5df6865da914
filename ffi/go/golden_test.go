package regconf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const golden = "../../tests/golden"

// files are paths, which begin with /, and bytes; nil for a file that is deleted.
type files map[string][]byte

// TestGolden checks the golden cases, whose README tells their format.
func TestGolden(t *testing.T) {
	cases, err := filepath.Glob(golden + "/*/*/settings.json")
	if err != nil || len(cases) == 0 {
		t.Fatalf("there are no cases: %v", err)
	}
	for _, settings := range cases {
		folder := filepath.Dir(settings)
		name, _ := filepath.Rel(golden, folder)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkCase(t, folder)
		})
	}
}

func checkCase(t *testing.T, folder string) {
	before := readFiles(t, filepath.Join(folder, "before"))
	plan, err := planCase(t, folder, before)
	if is(t, folder, "error.json") == (err == nil) {
		t.Fatalf("error: %v", err)
	}
	if err != nil {
		checkError(t, folder, err)
		checkSecrets(t, folder, fmt.Sprintf("%v %+v", err, err))
		return
	}
	outline := must(plan.Outline())(t)
	after := checkChanges(t, folder, before, plan)
	checkNotes(t, folder, outline)
	checkSecrets(t, folder, must(plan.Diff())(t)+string(must(json.Marshal(plan))(t))+fmt.Sprintf("%+v", outline))
	if outline.Diff() != must(plan.Diff())(t) {
		t.Error("the outline has another diff than the plan")
	}
	again := must(planCase(t, folder, after))(t)
	if !must(again.IsEmpty())(t) {
		t.Errorf("a second plan is not empty:\n%s", must(again.Diff())(t))
	}
}

func planCase(t *testing.T, folder string, known files) (*Plan, error) {
	settings, err := ParseSettings(must(os.ReadFile(filepath.Join(folder, "settings.json")))(t))
	if err != nil {
		return nil, err
	}
	t.Cleanup(settings.Close)
	facts := readFacts(t, folder, known)
	t.Cleanup(facts.Close)
	plan, err := MakePlan(settings, facts)
	if err == nil {
		t.Cleanup(plan.Close)
	}
	return plan, err
}

func readFacts(t *testing.T, folder string, known files) *Facts {
	facts := NewFacts()
	for path, data := range known {
		check(t, facts.AddFile(path, data))
	}
	var told struct {
		Versions, Units, Daemons, Outputs map[string]string
		Folders                           []string
	}
	if is(t, folder, "facts.json") {
		reader := json.NewDecoder(bytes.NewReader(must(os.ReadFile(filepath.Join(folder, "facts.json")))(t)))
		reader.DisallowUnknownFields()
		check(t, reader.Decode(&told))
	}
	for engine, version := range told.Versions {
		check(t, facts.SetVersion(engine, version))
	}
	for unit, text := range told.Units {
		check(t, facts.AddAnswer(QueryUnit(unit), AnswerText(text)))
	}
	for program, text := range told.Daemons {
		check(t, facts.AddAnswer(QueryDaemon(program), AnswerText(text)))
	}
	for command, text := range told.Outputs {
		check(t, facts.AddAnswer(QueryCommand(words(command)...), AnswerText(text)))
	}
	for _, path := range told.Folders {
		check(t, facts.AddFolder(path))
	}
	return facts
}

// words are those of a command; a blank between {{ and }} belongs to its word.
func words(command string) (words []string) {
	for _, part := range strings.Split(command, " ") {
		last := len(words) - 1
		if last >= 0 && strings.Contains(words[last], "{{") && !strings.Contains(words[last], "}}") {
			words[last] += " " + part
		} else {
			words = append(words, part)
		}
	}
	return words
}

// checkChanges gives the files as they are after the plan.
func checkChanges(t *testing.T, folder string, before files, plan *Plan) files {
	wanted := readFiles(t, filepath.Join(folder, "after"))
	for _, path := range lines(t, filepath.Join(folder, "after"), ".deleted") {
		wanted[path] = nil
	}
	delete(wanted, "/.deleted")
	if len(wanted) == 0 != is(t, folder, "unchanged") {
		t.Fatal("must have exactly one of after/, error.json and unchanged")
	}
	after := maps.Clone(before)
	for _, change := range must(plan.Changes())(t) {
		if old, there := before[change.Path]; there == (change.Before == nil) || !bytes.Equal(old, change.Before) {
			t.Errorf("%s: the bytes before are not those of the file", change.Path)
		}
		bytesWanted, known := wanted[change.Path]
		if !known || (bytesWanted == nil) != (change.After == nil) || !bytes.Equal(bytesWanted, change.After) {
			t.Errorf("%s becomes\n%s\nwanted is\n%s", change.Path, change.After, bytesWanted)
		}
		delete(wanted, change.Path)
		after[change.Path] = change.After
		if change.After == nil {
			delete(after, change.Path)
		}
	}
	for path := range wanted {
		t.Errorf("%s is not changed", path)
	}
	return after
}

func checkNotes(t *testing.T, folder string, outline *Outline) {
	wanted := lines(t, folder, "notes")
	for _, line := range wanted {
		if !slices.ContainsFunc(outline.Notes, func(note Note) bool { return strings.Contains(note.Text, line) }) {
			t.Errorf("no note says %q: %+v", line, outline.Notes)
		}
	}
	for _, note := range outline.Notes {
		if !slices.ContainsFunc(wanted, func(line string) bool { return strings.Contains(note.Text, line) }) {
			t.Errorf("a note too many: %q", note.Text)
		}
	}
}

func checkError(t *testing.T, folder string, err error) {
	var wanted struct {
		Kind, Path, Key, Contains string
		Line                      int
	}
	check(t, json.Unmarshal(must(os.ReadFile(filepath.Join(folder, "error.json")))(t), &wanted))
	var known *Error
	right := errors.As(err, &known) &&
		(wanted.Kind == "" || errors.Is(err, Kind(wanted.Kind))) &&
		(wanted.Path == "" || known.Path == wanted.Path) &&
		(wanted.Line == 0 || known.Line == wanted.Line) &&
		(wanted.Key == "" || known.Key == wanted.Key) &&
		strings.Contains(err.Error(), wanted.Contains)
	if !right {
		t.Errorf("another error than %+v: %+v", wanted, known)
	}
}

func checkSecrets(t *testing.T, folder, shown string) {
	for _, secret := range lines(t, folder, "secret") {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is shown", secret)
		}
	}
}

// readFiles are the files below a folder; none if it is not there.
func readFiles(t *testing.T, root string) files {
	found := files{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		found[strings.TrimPrefix(path, root)] = data
		return err
	})
	if !errors.Is(err, fs.ErrNotExist) {
		check(t, err)
	}
	return found
}

func is(t *testing.T, folder, name string) bool {
	_, err := os.Stat(filepath.Join(folder, name))
	if !errors.Is(err, fs.ErrNotExist) {
		check(t, err)
	}
	return err == nil
}

// lines are those of a file of a case; none if it is not there.
func lines(t *testing.T, folder, name string) []string {
	if !is(t, folder, name) {
		return nil
	}
	text := string(must(os.ReadFile(filepath.Join(folder, name)))(t))
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
