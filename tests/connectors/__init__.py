"""Tests: connectors"""
