package report

// The part of SARIF 2.1.0 (OASIS, errata 01) that an audit is written in. Field
// names are the standard's; the order is that of its schema.

// sarifRun stands behind the results of the run; see [sarifPrinter].
type sarifRun struct {
	Tool              sarifTool         `json:"tool"`
	Invocations       []sarifInvocation `json:"invocations"`
	AutomationDetails sarifAutomation   `json:"automationDetails"`
	Artifacts         []sarifArtifact   `json:"artifacts,omitempty"`
	Taxonomies        []sarifTaxonomy   `json:"taxonomies,omitempty"`
	RedactionTokens   []string          `json:"redactionTokens"`
	ColumnKind        string            `json:"columnKind"`
	Properties        map[string]any    `json:"properties"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name                string           `json:"name"`
	Version             string           `json:"version,omitempty"`
	InformationURI      string           `json:"informationUri"`
	Rules               []sarifRule      `json:"rules"`
	SupportedTaxonomies []sarifComponent `json:"supportedTaxonomies,omitempty"`
}

type sarifRule struct {
	ID                   string              `json:"id"`
	Name                 string              `json:"name"`
	ShortDescription     sarifText           `json:"shortDescription"`
	FullDescription      sarifText           `json:"fullDescription"`
	Help                 sarifText           `json:"help"`
	HelpURI              string              `json:"helpUri"`
	DefaultConfiguration sarifConfiguration  `json:"defaultConfiguration"`
	Relationships        []sarifRelationship `json:"relationships,omitempty"`
	Properties           sarifRuleProperties `json:"properties"`
}

// sarifRuleProperties are what GitHub reads of a rule, and the setting of those of its
// results that name no other.
type sarifRuleProperties struct {
	Tags             []string `json:"tags"`
	Precision        string   `json:"precision"`
	SecuritySeverity string   `json:"security-severity"`
	ProblemSeverity  string   `json:"problem.severity"`
	Setting          string   `json:"setting,omitempty"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifConfiguration struct {
	Level string  `json:"level"`
	Rank  float64 `json:"rank"`
}

type sarifRelationship struct {
	Target sarifReference `json:"target"`
	Kinds  []string       `json:"kinds"`
}

type sarifReference struct {
	ID        string          `json:"id"`
	Index     *int            `json:"index,omitempty"`
	Component *sarifComponent `json:"toolComponent,omitempty"`
}

type sarifComponent struct {
	Name  string `json:"name"`
	Index int    `json:"index"`
}

type sarifTaxonomy struct {
	Name             string       `json:"name"`
	Organization     string       `json:"organization"`
	Version          string       `json:"version,omitempty"`
	ShortDescription sarifText    `json:"shortDescription"`
	IsComprehensive  bool         `json:"isComprehensive"`
	Taxa             []sarifTaxon `json:"taxa"`
}

type sarifTaxon struct {
	ID string `json:"id"`
}

type sarifInvocation struct {
	ExecutionSuccessful bool                `json:"executionSuccessful"`
	Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level          string          `json:"level"`
	Message        sarifText       `json:"message"`
	AssociatedRule *sarifReference `json:"associatedRule,omitempty"`
	Properties     map[string]any  `json:"properties,omitempty"`
}

type sarifAutomation struct {
	ID string `json:"id"`
}

type sarifArtifact struct {
	Location    *sarifArtifactLocation `json:"location,omitempty"`
	Roles       []string               `json:"roles"`
	Contents    *sarifContents         `json:"contents,omitempty"`
	Description *sarifText             `json:"description,omitempty"`
}

type sarifContents struct {
	Text string `json:"text"`
}

type sarifArtifactLocation struct {
	URI string `json:"uri,omitempty"`
}

// sarifResult has the level and the rank of its rule, and is a failure, where it does
// not say otherwise.
type sarifResult struct {
	RuleID              string             `json:"ruleId"`
	Kind                string             `json:"kind,omitempty"`
	Level               string             `json:"level,omitempty"`
	Message             sarifText          `json:"message"`
	Locations           []sarifLocation    `json:"locations,omitempty"`
	PartialFingerprints map[string]string  `json:"partialFingerprints"`
	BaselineState       string             `json:"baselineState,omitempty"`
	Rank                *float64           `json:"rank,omitempty"`
	Suppressions        []sarifSuppression `json:"suppressions,omitempty"`
	Properties          map[string]any     `json:"properties,omitempty"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifactLocation `json:"artifactLocation"`
	Region   *sarifRegion          `json:"region,omitempty"`
}

type sarifRegion struct {
	StartLine   int  `json:"startLine,omitempty"`
	StartColumn int  `json:"startColumn,omitempty"`
	EndColumn   int  `json:"endColumn,omitempty"`
	CharOffset  *int `json:"charOffset,omitempty"`
	CharLength  int  `json:"charLength,omitempty"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Kind               string `json:"kind"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}
