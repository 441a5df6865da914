package regconf

import (
	"strings"
	"testing"
)

func TestAnExplanationHasBeforeAndAfter(t *testing.T) {
	_, facts, plan := example(t)
	explained := must(plan.Explain(facts, "my-registry.com/team/app:v1"))(t)
	if len(explained.Engines) != 1 || explained.Image != "my-registry.com/team/app:v1" {
		t.Fatalf("%+v", explained)
	}
	engine := explained.Engines[0]
	before, after := engine.Before.Hosts[0], engine.After.Hosts[0]
	if engine.Engine != Containerd || before.URL != "https://my-registry.com/v2" || before.Trust.Kind != "system" {
		t.Errorf("before: %+v", before)
	}
	if after.URL != "http://192.168.30.56:5000/v2" || after.Trust.Kind != "plain_http" || engine.After.File == "" {
		t.Errorf("after: %+v", engine.After)
	}
	if text := must(plan.ExplainText(facts, "my-registry.com/team/app:v1"))(t); !strings.Contains(text, after.URL) {
		t.Error(text)
	}
}

func TestFilesOfCertificatesAreExplained(t *testing.T) {
	facts := NewFacts()
	defer facts.Close()
	check(t, facts.AddFile("/etc/docker/daemon.json", []byte("{}")))
	check(t, facts.AddFile("/etc/docker/certs.d/a.lab/ca.crt", []byte(pem)))
	plan := must(MakePlan(wantedNothing(t), facts))(t)
	defer plan.Close()
	explained := must(plan.Explain(facts, "a.lab/app"))(t)
	trust := explained.Engines[0].After.Hosts[0].Trust
	if trust.Kind != "ca_files" || len(trust.CAFiles) != 1 || !strings.HasSuffix(trust.CAFiles[0], "a.lab/ca.crt") {
		t.Errorf("%+v", explained)
	}
}

func wantedNothing(t *testing.T) *Settings {
	settings := NewSettings()
	t.Cleanup(settings.Close)
	return settings
}

func TestOtherFactsAreStale(t *testing.T) {
	_, _, plan := example(t)
	other := NewFacts()
	defer other.Close()
	check(t, other.AddFile("/etc/containerd/config.toml", []byte("version = 2\n")))
	if _, err := plan.Explain(other, "my-registry.com/app"); !isKind(err, ErrStale) {
		t.Error(err)
	}
}

func TestNoBytesAreNotNoFile(t *testing.T) {
	facts := NewFacts()
	defer facts.Close()
	check(t, facts.AddFile("/etc/containerd/config.toml", nil))
	check(t, facts.SetVersion(Containerd, "1.7.24"))
	plan := must(MakePlan(wanted(t), facts))(t)
	defer plan.Close()
	there := map[string]bool{}
	for _, change := range must(plan.Changes())(t) {
		there[change.Path] = change.Before != nil
		if len(change.Before) != 0 || len(change.After) == 0 || change.Mode != 0o644 {
			t.Errorf("%+v", change)
		}
	}
	config := "/etc/containerd/config.toml"
	if len(there) != 2 || !there[config] {
		t.Errorf("files that are there already: %v", there)
	}
}

func TestAnEngineAndItsPathCanBeSaid(t *testing.T) {
	facts := NewFacts()
	defer facts.Close()
	check(t, facts.AddFile("/etc/containerd/config.toml", []byte(config)))
	check(t, facts.AddFile("/opt/daemon.json", []byte("{}")))
	check(t, facts.AssumeVersion(Containerd, "1.7.24"))
	check(t, facts.SetVersion(Docker, "26.1.5"))
	check(t, facts.SetConfigPath(Docker, "/opt/daemon.json"))
	check(t, facts.SetEngine(Docker))
	settings := NewSettings()
	defer settings.Close()
	check(t, settings.Ensure(Registry{Host: "192.168.30.56:5000", Insecure: InsecureHTTP}))
	plan := must(MakePlan(settings, facts))(t)
	defer plan.Close()
	changes := must(plan.Changes())(t)
	if len(changes) != 1 || changes[0].Path != "/opt/daemon.json" {
		t.Errorf("%+v", changes)
	}
	check(t, facts.SetEngine(""))
	both := must(MakePlan(settings, facts))(t)
	defer both.Close()
	if changes := must(both.Changes())(t); len(changes) < 2 {
		t.Errorf("%+v", changes)
	}
}

func TestEveryQueryAndAnswerIsUnderstood(t *testing.T) {
	facts := NewFacts()
	defer facts.Close()
	queries := []Query{
		QueryDir("/a"), QueryUnit("a"), QueryCommand("a", "b"), QueryDaemon("a"), QueryProgram("a"), QueryModified("/a"),
	}
	answers := []Answer{AnswerText("a"), AnswerNames("a", "b/"), AnswerNames(), AnswerUnusable("a"), AnswerAbsent()}
	for _, query := range queries {
		for _, answer := range answers {
			if err := facts.AddAnswer(query, answer); err != nil {
				t.Errorf("%v %v: %v", query, answer, err)
			}
		}
	}
	if err := facts.AddAnswer(Query{}, AnswerAbsent()); !isKind(err, ErrParse) {
		t.Error(err)
	}
}
