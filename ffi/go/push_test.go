package regconf

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPushToThreeServersAndAgain(t *testing.T) {
	all, nodes := servers(t, 3)
	finished := map[string]Outcome{}
	options := Options{Parallel: 2, OnEvent: func(event Event) error {
		if event.Kind == EventFinished {
			finished[event.Name] = event.Report.Outcome
		}
		return nil
	}}
	report := must(Push(context.Background(), nodes, wanted(t), options))(t)
	check(t, report.Check())
	for i, server := range all {
		node := report.Nodes[i]
		if name := must(nodes.Name(i))(t); node.Name != name || finished[name] != OutcomeChanged {
			t.Errorf("node %d is %q, and the events say %v", i, node.Name, finished)
		}
		if node.Outcome != OutcomeChanged || node.Err != nil || !isMerged(t, server.root) {
			t.Errorf("%s: %s, %v", node.Name, node.Outcome, node.Err)
		}
		if node.Took <= 0 || node.Timing.Connect <= 0 || !strings.Contains(node.Plan.Diff(), "+[host.") {
			t.Errorf("%+v", node)
		}
	}
	again := must(Push(context.Background(), nodes, wanted(t), Options{}))(t)
	if again.Failed() != 0 || len(again.Groups) != 1 || again.Groups[0].Outcome != OutcomeUnchanged {
		t.Errorf("the second push: %s", again)
	}
}

func TestSurveyAndApply(t *testing.T) {
	all, nodes := servers(t, 1)
	rollout := must(Survey(context.Background(), nodes, wanted(t), Options{}))(t)
	defer rollout.Close()
	if pending := must(rollout.Report())(t); pending.Nodes[0].Outcome != OutcomePending || isMerged(t, all[0].root) {
		t.Fatalf("after a survey: %s", pending)
	}
	applied := must(rollout.Apply(context.Background(), Options{}))(t)
	if applied.Nodes[0].Outcome != OutcomeChanged || !isMerged(t, all[0].root) {
		t.Errorf("after applying it: %s", applied)
	}
}

// local is a list with a folder of this machine, which is quick.
func local(t testing.TB) (root string, nodes *Nodes) {
	root, nodes = newRoot(t), NewNodes()
	t.Cleanup(nodes.Close)
	check(t, nodes.AddLocal(root))
	return root, nodes
}

func TestADryRunChangesNothing(t *testing.T) {
	root, nodes := local(t)
	report := must(Push(context.Background(), nodes, wanted(t), Options{DryRun: true}))(t)
	if report.Nodes[0].Outcome != OutcomePending || isMerged(t, root) {
		t.Error(report)
	}
}

func TestEventsTellAll(t *testing.T) {
	_, nodes := local(t)
	var kinds []EventKind
	heard := map[EventKind]Event{}
	options := Options{OnEvent: func(event Event) error {
		kinds = append(kinds, event.Kind)
		heard[event.Kind] = event
		return nil
	}}
	must(Push(context.Background(), nodes, wanted(t), options))(t)
	kinds = slices.DeleteFunc(slices.Compact(kinds), func(kind EventKind) bool { return kind == EventTick })
	wantedKinds := []EventKind{
		EventBatch, EventConnecting, EventGathering, EventPlanned, EventApplying, EventFinished, EventBatch,
	}
	if !slices.Equal(slices.Compact(kinds), wantedKinds) {
		t.Errorf("heard: %v", kinds)
	}
	batch, planned := heard[EventBatch], heard[EventPlanned]
	if batch.Node != AllNodes || batch.Batch.Begins || batch.Batch.Number != 1 || !slices.Equal(batch.Batch.Nodes, []int{0}) {
		t.Errorf("%+v", batch)
	}
	if planned.Node != 0 || planned.Name == "" || len(planned.Plan.Changes) == 0 || heard[EventApplying].Step == "" {
		t.Errorf("%+v", planned)
	}
}

func TestAReportIsTheLibrarysJSON(t *testing.T) {
	_, nodes := local(t)
	report := must(Push(context.Background(), nodes, wanted(t), Options{}))(t)
	var raw struct {
		Version int
		Nodes   []struct{ Outcome string }
	}
	check(t, json.Unmarshal(must(json.Marshal(report))(t), &raw))
	if raw.Version != 1 || raw.Nodes[0].Outcome != "changed" || !strings.Contains(report.String(), "hosts.toml") {
		t.Errorf("%+v\n%s", raw, report)
	}
}

func TestAJournalIsResumed(t *testing.T) {
	_, nodes := local(t)
	options := Options{Journal: filepath.Join(t.TempDir(), "journal")}
	must(Push(context.Background(), nodes, wanted(t), options))(t)
	if again := must(Push(context.Background(), nodes, wanted(t), options))(t); !again.Nodes[0].Resumed {
		t.Error(again)
	}
}

func TestOptionsReachTheLibrary(t *testing.T) {
	_, nodes := local(t)
	good := Options{
		Parallel: 1, ParallelApply: 1, Canary: 1, Batch: "25%", ControlPlaneBatch: 2, Pause: time.Microsecond,
		MaxFailures: "10%", Unreachable: "retry:1:1", ConnectTimeout: time.Second, Deadline: time.Minute, Probe: true,
		VerifyPull: []string{"my-registry.com/app:v1"}, Assume: map[string]string{"containerd": "1.7.24"},
		DryRun: true,
	}
	must(Push(context.Background(), nodes, wanted(t), good))(t)
	for name, bad := range map[string]Options{
		"Parallel":    {Parallel: -1},
		"Pause":       {Pause: -1},
		"Batch":       {Batch: "some"},
		"MaxFailures": {MaxFailures: "some"},
		"Unreachable": {Unreachable: "some"},
		"VerifyPull":  {VerifyPull: []string{"http://a/b"}},
		"Journal":     {Journal: "a\x00b"},
	} {
		report, err := Push(context.Background(), nodes, wanted(t), bad)
		if report != nil || !isKind(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNodesAreLoadedAndAppended(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nodes")
	check(t, os.WriteFile(path, []byte("ops@10.0.0.1:2222 # one\n10.0.0.2\n"), 0o644))
	nodes := must(LoadNodes(path))(t)
	defer nodes.Close()
	more := must(ParseNodes([]byte("10.0.0.3")))(t)
	defer more.Close()
	check(t, nodes.Append(more))
	check(t, nodes.SetPassword(AllNodes, []byte("secret")))
	check(t, nodes.SetBecomePassword(2, []byte("secret")))
	if nodes.Len() != 3 || must(nodes.Place(0))(t) != "10.0.0.1:2222" || len(nodes.Warnings()) != 0 {
		t.Errorf("%d nodes, the first at %s, %v", nodes.Len(), must(nodes.Place(0))(t), nodes.Warnings())
	}
	_, missing := nodes.Name(3)
	for what, err := range map[string]error{
		"a name":            missing,
		"a password":        nodes.SetPassword(3, nil),
		"a password before": nodes.SetPassword(-2, nil),
		"itself":            nodes.Append(nodes),
	} {
		if !isKind(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAnSSHConfigThatIsNotUnderstoodIsWarnedOf(t *testing.T) {
	folder := t.TempDir()
	check(t, os.WriteFile(filepath.Join(folder, "config"), []byte("Host n\n  Gibberish yes\n"), 0o644))
	list := `{"ssh_config":"config","nodes":[{"address":"n"}]}`
	check(t, os.WriteFile(filepath.Join(folder, "nodes.json"), []byte(list), 0o644))
	nodes := must(LoadNodes(filepath.Join(folder, "nodes.json")))(t)
	defer nodes.Close()
	if warnings := nodes.Warnings(); len(warnings) != 1 || !strings.Contains(strings.ToLower(warnings[0]), "gibberish") {
		t.Error(warnings)
	}
}
