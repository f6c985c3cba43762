//! What logs call providers.

/// The name that a provider has in the rate book, of the names that logs have for it.
pub(super) fn provider_of(name: &str) -> &str {
    let known = PROVIDERS.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(name));
    known.map_or(name, |(_, ours)| ours)
}

/// What gateways and conventions call providers.
const PROVIDERS: &[(&str, &str)] = &[
    ("az.ai.openai", "azure"),
    ("azure-openai", "azure"),
    ("azure.ai.inference", "azure"),
    ("azure.ai.openai", "azure"),
    ("azure_ai", "azure"),
    ("azure_openai", "azure"),
    ("aws-bedrock", "bedrock"),
    ("aws.bedrock", "bedrock"),
    ("bedrock_converse", "bedrock"),
    ("gcp.gemini", "gemini"),
    ("gcp.gen_ai", "gemini"),
    ("gcp.vertex_ai", "gemini"),
    ("google", "gemini"),
    ("google-ai-studio", "gemini"),
    ("google-vertex-ai", "gemini"),
    ("mistral-ai", "mistral"),
    ("mistral_ai", "mistral"),
    ("openai.chat", "openai"),
    ("openai.completion", "openai"),
    ("openai.responses", "openai"),
    ("text-completion-openai", "openai"),
    ("vertex-ai", "gemini"),
    ("vertex_ai", "gemini"),
    ("x-ai", "xai"),
    ("x_ai", "xai"),
];
