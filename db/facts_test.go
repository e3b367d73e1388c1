package db

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var fields = []string{FieldName, FieldRole, FieldLevel}

// anyFacts are facts with as-of times that differ within a field, as events
// that tell of different moments have.
func anyFacts(t *rapid.T) []Fact {
	return rapid.SliceOfDistinct(rapid.Custom(func(t *rapid.T) Fact {
		return Fact{
			Field:  rapid.SampledFrom(fields).Draw(t, "field"),
			Value:  rapid.StringN(0, 3, -1).Draw(t, "value"),
			AsOf:   time.UnixMicro(rapid.Int64Range(1, 20).Draw(t, "at")).UTC(),
			Source: rapid.SampledFrom([]string{SourceIDToken, SourceWebhook}).Draw(t, "source"),
		}
	}), func(f Fact) string { return f.Field + f.AsOf.String() }).Draw(t, "facts")
}

// TestMergeInAnyOrder: what is known in the end does not depend on the order
// in which it came, nor on how many came at once.
func TestMergeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts(t)
		atOnce, _ := Merge(nil, facts)
		var oneByOne Facts
		for _, f := range rapid.Permutation(facts).Draw(t, "order") {
			oneByOne, _ = Merge(oneByOne, []Fact{f})
		}
		if diff := cmp.Diff(atOnce, oneByOne, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestMergeAgainstModel: per field the latest, and changed is what differs.
func TestMergeAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts(t)
		cut := rapid.IntRange(0, len(facts)).Draw(t, "cut")
		old, _ := Merge(nil, facts[:cut])
		before := slices.Clone(old)
		merged, changed := Merge(old, facts[cut:])
		for _, field := range fields {
			var latest Fact
			for _, f := range facts {
				if f.Field == field && f.AsOf.After(latest.AsOf) {
					latest = f
				}
			}
			if merged.Of(field) != latest {
				t.Fatalf("%s is %v, want %v", field, merged.Of(field), latest)
			}
			was, had := old.Find(field)
			now, has := merged.Find(field)
			if differs := had != has || was.Value != now.Value; slices.Contains(changed, field) != differs {
				t.Fatalf("changed is %v, %s went from %v to %v", changed, field, was, now)
			}
		}
		if diff := cmp.Diff(before, old); diff != "" {
			t.Fatalf("Merge changed what it was given: %s", diff)
		}
	})
}

func TestMergeEqualTimes(t *testing.T) {
	at := time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC)
	old, _ := Merge(nil, []Fact{{FieldRole, "student", at, SourceIDToken}})
	merged, changed := Merge(old, []Fact{{FieldRole, "staff", at.Add(999 * time.Nanosecond), SourceWebhook}})
	if merged.Of(FieldRole).Value != "staff" || len(changed) != 1 {
		t.Errorf("of two facts as old as each other the one seen now must win: %v, changed %v", merged, changed)
	}
	if old.Of(FieldRole).Value != "student" {
		t.Error("Merge changed what it was given")
	}
}

func TestFactsSurviveStorage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, _ := Merge(nil, anyFacts(t))
		text, err := encodeFacts(facts)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeFacts(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(facts, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}
