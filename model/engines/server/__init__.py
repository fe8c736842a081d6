"""Qwen2.5-VL behind an OpenAI-compatible server on this machine or network: vLLM, SGLang, llama.cpp, Ollama."""
